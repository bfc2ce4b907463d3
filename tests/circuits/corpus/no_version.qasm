include "qelib1.inc";
qreg q[2];
creg c[2];
h q[0];
cx q[0],q[1];
t q[1];
ry(0.3) q[1];
measure q -> c;
