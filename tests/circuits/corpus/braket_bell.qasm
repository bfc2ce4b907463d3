OPENQASM 3.0;
qubit[2] q;
bit[2] b;
h q[0];
cnot q[0], q[1];
ry(0.3) q[1];
b[0] = measure q[0];
b[1] = measure q[1];
#pragma braket result probability
