OPENQASM 3.0;
// ising, n = 4, u = -3
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[4] q;
h q[2];
cx q[2], q[1];
cx q[1], q[0];
rx(0.336713068) q[0];
rx(0.151929916) q[1];
rzz(1.570796349) q[0], q[1];
cx q[2], q[3];
rx(0.151929916) q[2];
rx(0.336713068) q[3];
rzz(1.570796349) q[2], q[3];
