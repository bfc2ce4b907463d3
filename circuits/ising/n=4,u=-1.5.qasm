OPENQASM 3.0;
// ising, n = 4, u = -1.5
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[4] q;
h q[0];
h q[1];
rzz(0.419954849) q[0], q[1];
rx(1.118053809) q[0];
h q[2];
h q[3];
rzz(0.419954849) q[2], q[3];
rzz(0.851515655) q[1], q[2];
rx(0.95419107) q[1];
rzz(0.808175628) q[0], q[1];
rx(1.256798463) q[0];
rx(0.95419107) q[2];
rx(1.118053809) q[3];
rzz(0.808175628) q[2], q[3];
rzz(-0.168332936) q[1], q[2];
rx(-0.313998008) q[1];
rx(-0.313998008) q[2];
rx(1.256798463) q[3];
