OPENQASM 3.0;
// ghz, n = 12, layout = log
include "stdgates.inc";
qubit[12] q;
h q[0];
cx q[0], q[1];
cx q[0], q[2];
cx q[1], q[3];
cx q[0], q[4];
cx q[1], q[5];
cx q[2], q[6];
cx q[3], q[7];
cx q[0], q[8];
cx q[1], q[9];
cx q[2], q[10];
cx q[3], q[11];
