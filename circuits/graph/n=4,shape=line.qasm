OPENQASM 3.0;
// graph, n = 4, shape = line
include "stdgates.inc";
qubit[4] q;
h q[0];
h q[1];
cz q[0], q[1];
h q[2];
h q[3];
cz q[2], q[3];
cz q[1], q[2];
