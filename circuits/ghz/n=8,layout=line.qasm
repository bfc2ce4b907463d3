OPENQASM 3.0;
// ghz, n = 8, layout = line
include "stdgates.inc";
qubit[8] q;
h q[4];
cx q[4], q[3];
cx q[3], q[2];
cx q[2], q[1];
cx q[1], q[0];
cx q[4], q[5];
cx q[5], q[6];
cx q[6], q[7];
