OPENQASM 3.0;
// coherent, n = 4, theta = input, phi = input
include "stdgates.inc";
input float[64] phi;
input float[64] theta;
qubit[4] q;
ry(theta) q[0];
rz(phi) q[0];
ry(theta) q[1];
rz(phi) q[1];
ry(theta) q[2];
rz(phi) q[2];
ry(theta) q[3];
rz(phi) q[3];
