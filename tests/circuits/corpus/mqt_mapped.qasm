// Coupling map: [[0, 1], [1, 2]]
OPENQASM 2.0;
include "qelib1.inc";
qreg q[27];
creg meas[3];
rz(pi/2) q[13];
sx q[13];
rz(pi/2) q[13];
cx q[13],q[14];
cx q[14],q[16];
rz(0.4) q[16];
sx q[16];
barrier q[13],q[14],q[16];
measure q[16] -> meas[0];
measure q[14] -> meas[1];
measure q[13] -> meas[2];
