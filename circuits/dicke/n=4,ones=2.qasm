OPENQASM 3.0;
// dicke, n = 4, ones = 2
include "stdgates.inc";
qubit[4] q;
h q[0];
ry(1.9106332362490186) q[1];
ry(-pi/2) q[2];
ry(pi/2) q[3];
cz q[1], q[3];
cx q[0], q[1];
rz(-pi) q[3];
cz q[2], q[3];
ry(pi/4) q[2];
ry(-pi/4) q[3];
cz q[2], q[3];
h q[2];
cx q[0], q[2];
h q[3];
cx q[0], q[3];
