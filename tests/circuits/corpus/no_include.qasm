OPENQASM 2.0;
qreg q[2];
h q[0];
crx(0.3) q[0],q[1];
rzz(0.2) q[0],q[1];
rx(2**2*0.1) q[1];
