OPENQASM 3.0;
// coherent, n = 6, theta = input, phi = input
include "stdgates.inc";
input float[64] phi;
input float[64] theta;
qubit[6] q;
ry(theta) q[0];
rz(phi) q[0];
ry(theta) q[1];
rz(phi) q[1];
ry(theta) q[2];
rz(phi) q[2];
ry(theta) q[3];
rz(phi) q[3];
ry(theta) q[4];
rz(phi) q[4];
ry(theta) q[5];
rz(phi) q[5];
