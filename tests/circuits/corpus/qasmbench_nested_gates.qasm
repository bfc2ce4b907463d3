OPENQASM 2.0;
include "qelib1.inc";
gate bell a,b { h a; cx a,b; }
gate twice(t) a,b { bell a,b; rz(t/2) b; bell b,a; }
gate nothing a { }
qreg q[3];
twice(pi/3) q[0],q[2];
nothing q[0];
bell q[2],q[1];
