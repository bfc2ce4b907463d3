OPENQASM 3.0;
include "stdgates.inc";
qubit[60] q;
bit[60] c;
for int k in [0:59] { h q[k]; }
for int k in [0:58] { cz q[k], q[k + 1]; }
c = measure q;
