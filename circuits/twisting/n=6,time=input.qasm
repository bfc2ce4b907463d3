OPENQASM 3.0;
// twisting, n = 6, time = input
include "stdgates.inc";
input float[64] time;
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[6] q;
h q[0];
h q[1];
h q[2];
h q[3];
rzz(time) q[2], q[3];
h q[4];
rzz(time) q[1], q[4];
rzz(time) q[3], q[4];
h q[5];
rzz(time) q[0], q[5];
rzz(time) q[0], q[2];
rzz(time) q[0], q[4];
rzz(time) q[1], q[5];
rzz(time) q[1], q[3];
rzz(time) q[0], q[1];
rzz(time) q[2], q[5];
rzz(time) q[2], q[4];
rzz(time) q[1], q[2];
rzz(time) q[3], q[5];
rzz(time) q[0], q[3];
rzz(time) q[4], q[5];
