qubit[2] q;
bit[2] b;
h q[0];
cx q[0], q[1];
ry(π / 5) q[1];
rx(τ / 9) q[0];
b = measure q;
