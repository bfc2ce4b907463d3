OPENQASM 3.0;
// ising, n = 8, u = -3
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[8] q;
h q[4];
cx q[4], q[3];
cx q[3], q[2];
cx q[2], q[1];
cx q[1], q[0];
rx(0.32200705) q[0];
rx(0.154285462) q[1];
rzz(1.57079632) q[0], q[1];
rx(0.165248622) q[2];
rx(0.165169384) q[3];
rzz(1.570796297) q[2], q[3];
cx q[4], q[5];
rx(0.165169384) q[4];
cx q[5], q[6];
rx(0.165248622) q[5];
rzz(1.570796297) q[4], q[5];
cx q[6], q[7];
rx(0.154285462) q[6];
rx(0.32200705) q[7];
rzz(1.57079632) q[6], q[7];
