OPENQASM 2.0;
include "qelib1.inc";
qreg r[2];
qreg v[1];
creg x[3];
gate f(i) s,u { rx(i) s; cx s,u; }
f(0.7) r[0],r[1];
f(-0.2) r[1],v[0];
measure v[0] -> x[0];
measure r[0] -> x[1];
measure r[1] -> x[2];
