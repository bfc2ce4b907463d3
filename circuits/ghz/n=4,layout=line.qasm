OPENQASM 3.0;
// ghz, n = 4, layout = line
include "stdgates.inc";
qubit[4] q;
h q[2];
cx q[2], q[1];
cx q[1], q[0];
cx q[2], q[3];
