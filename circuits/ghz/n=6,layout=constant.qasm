OPENQASM 3.0;
// ghz, n = 6, layout = constant
// The state is that of the register q; the ancillas are measured mid-circuit.
include "stdgates.inc";
bit[5] outcome;
qubit[6] q;
qubit[5] ancilla;
h q[0];
h q[1];
h q[2];
h q[3];
h q[4];
h q[5];
cx q[0], ancilla[0];
cx q[1], ancilla[1];
cx q[1], ancilla[0];
cx q[2], ancilla[2];
cx q[2], ancilla[1];
cx q[3], ancilla[3];
cx q[3], ancilla[2];
cx q[4], ancilla[4];
cx q[4], ancilla[3];
cx q[5], ancilla[4];
outcome[0] = measure ancilla[0];
outcome[1] = measure ancilla[1];
outcome[2] = measure ancilla[2];
outcome[3] = measure ancilla[3];
outcome[4] = measure ancilla[4];
barrier q[0], ancilla[0], q[1], ancilla[1], q[2], ancilla[2], q[3], ancilla[3], q[4], ancilla[4], q[5];
if (outcome[0]) {
  x q[0];
}
if (outcome[1]) {
  x q[0];
  x q[1];
}
if (outcome[2]) {
  x q[3];
  x q[4];
  x q[5];
}
if (outcome[3]) {
  x q[4];
  x q[5];
}
if (outcome[4]) {
  x q[5];
}
