OPENQASM 3.0;
// ising, n = 10, u = -3
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[10] q;
h q[5];
cx q[5], q[4];
cx q[4], q[3];
cx q[3], q[2];
cx q[2], q[1];
cx q[1], q[0];
rx(0.321891242) q[0];
rx(0.154297784) q[1];
rzz(1.570796345) q[0], q[1];
rx(0.165180209) q[2];
rx(0.165098915) q[3];
rzz(1.570796318) q[2], q[3];
rx(0.16509656) q[4];
cx q[5], q[6];
rx(0.16509656) q[5];
rzz(pi/2) q[4], q[5];
cx q[6], q[7];
rx(0.165098915) q[6];
cx q[7], q[8];
rx(0.165180209) q[7];
rzz(1.570796318) q[6], q[7];
cx q[8], q[9];
rx(0.154297784) q[8];
rx(0.321891242) q[9];
rzz(1.570796345) q[8], q[9];
