OPENQASM 3.0;
// twisting, n = 4, time = input
include "stdgates.inc";
input float[64] time;
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[4] q;
h q[0];
h q[1];
h q[2];
rzz(time) q[1], q[2];
h q[3];
rzz(time) q[0], q[3];
rzz(time) q[0], q[2];
rzz(time) q[1], q[3];
rzz(time) q[0], q[1];
rzz(time) q[2], q[3];
