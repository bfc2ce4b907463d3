OPENQASM 2.0; include "qelib1.inc"; /* a block
 of comment */ gate Bell A,B { h A; cx A,B; }
qreg Alice[1]; qreg Bob[1]; creg C[2];
Bell Alice[0],Bob[0]; rx(1E-1) Bob[0]; ry(1.E0) Alice[0]; measure Alice[0]->C[0]; measure Bob[0]->C[1]; 
