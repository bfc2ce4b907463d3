OPENQASM 3.0;
// graph, n = 6, shape = star
include "stdgates.inc";
qubit[6] q;
h q[0];
h q[1];
cz q[0], q[1];
h q[2];
cz q[0], q[2];
h q[3];
cz q[0], q[3];
h q[4];
cz q[0], q[4];
h q[5];
cz q[0], q[5];
