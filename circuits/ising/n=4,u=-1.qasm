OPENQASM 3.0;
// ising, n = 4, u = -1
include "stdgates.inc";
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[4] q;
h q[0];
h q[1];
rzz(0.391841054) q[0], q[1];
rx(1.212818405) q[0];
h q[2];
h q[3];
rzz(0.391841054) q[2], q[3];
rzz(0.524286114) q[1], q[2];
rx(1.007785519) q[1];
rzz(0.621966082) q[0], q[1];
rx(1.203592021) q[0];
rx(1.007785519) q[2];
rx(1.212818405) q[3];
rzz(0.621966082) q[2], q[3];
rzz(-0.137010502) q[1], q[2];
rx(-0.367204419) q[1];
rx(-0.367204419) q[2];
rx(1.203592021) q[3];
