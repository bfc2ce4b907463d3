OPENQASM 3.0;
// ising, n = 4, u = -0.5
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[4] q;
h q[0];
h q[1];
rzz(0.24484511) q[0], q[1];
rx(0.81525534) q[0];
h q[2];
h q[3];
rzz(0.24484511) q[2], q[3];
rzz(0.244956602) q[1], q[2];
rx(0.785357767) q[1];
rx(0.785357767) q[2];
rx(0.81525534) q[3];
