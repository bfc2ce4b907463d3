OPENQASM 3.0;
// ising, n = 6, u = -0.5
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[6] q;
h q[0];
h q[1];
rzz(0.245304194) q[0], q[1];
rx(0.844999479) q[0];
h q[2];
h q[3];
rzz(0.244038807) q[2], q[3];
rzz(0.245212725) q[1], q[2];
rx(0.755616184) q[1];
rx(0.815426251) q[2];
h q[4];
h q[5];
rzz(0.245304194) q[4], q[5];
rzz(0.245212725) q[3], q[4];
rx(0.815426251) q[3];
rx(0.755616184) q[4];
rx(0.844999479) q[5];
