OPENQASM 3.0;
qubit[3] q;
h q[0];
ctrl @ x q[0], q[1];
ctrl @ v q[1], q[2];
negctrl @ rz(0.4) q[0], q[2];
gphase(0.3);
bit[3] b = measure q;
