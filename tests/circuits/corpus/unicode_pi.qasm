OPENQASM 2.0;
include "qelib1.inc";
qreg q[2]; // Zürich
rx(π/3) q[0];
ry(2*π/5) q[1];
cx q[0],q[1];
