OPENQASM 3.0;
// ising, n = 6, u = -3
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[6] q;
h q[3];
cx q[3], q[2];
cx q[2], q[1];
cx q[1], q[0];
rx(0.323206424) q[0];
rx(0.154153259) q[1];
rzz(1.570796347) q[0], q[1];
rx(0.166014882) q[2];
cx q[3], q[4];
rx(0.166014882) q[3];
rzz(1.570796343) q[2], q[3];
cx q[4], q[5];
rx(0.154153259) q[4];
rx(0.323206424) q[5];
rzz(1.570796347) q[4], q[5];
