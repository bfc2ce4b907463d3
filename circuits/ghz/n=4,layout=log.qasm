OPENQASM 3.0;
// ghz, n = 4, layout = log
include "stdgates.inc";
qubit[4] q;
h q[0];
cx q[0], q[1];
cx q[0], q[2];
cx q[1], q[3];
