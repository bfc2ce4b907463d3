OPENQASM 2.0;
// without an include: its own library
gate u3(theta,phi,lambda) q { U(theta,phi,lambda) q; }
gate u2(phi,lambda) q { U(pi/2,phi,lambda) q; }
gate cx c,t { CX c,t; }
gate h a { u2(0,pi) a; }
qreg q[2];
h q[0];
u3(0.3,0.2,0.1) q[1];
cx q[0],q[1];
CX q[1],q[0];
U(0.7,0,0) q[0];
