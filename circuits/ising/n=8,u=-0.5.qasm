OPENQASM 3.0;
// ising, n = 8, u = -0.5
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[8] q;
h q[0];
h q[1];
rzz(0.24574018) q[0], q[1];
rx(0.874090183) q[0];
h q[2];
h q[3];
rzz(0.244063988) q[2], q[3];
rzz(0.245191641) q[1], q[2];
rx(0.726314425) q[1];
rx(0.844844291) q[2];
h q[4];
h q[5];
rzz(0.244063988) q[4], q[5];
rzz(0.245507587) q[3], q[4];
rx(0.785799192) q[3];
rx(0.785799192) q[4];
h q[6];
h q[7];
rzz(0.24574018) q[6], q[7];
rzz(0.245191641) q[5], q[6];
rx(0.844844291) q[5];
rx(0.726314425) q[6];
rx(0.874090183) q[7];
