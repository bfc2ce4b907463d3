OPENQASM 3;
qreg q[2];
creg c[2];
U(0.3, 0.2, 0.1) q[0];
u2(0.1, 0.2) q[1];
cx q[0], q[1];
measure q -> c;
