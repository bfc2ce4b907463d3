OPENQASM 2.0;
include "hqslib1.inc";

qreg q[3];
creg c[3];
U1q(0.5*pi,1.5*pi) q[0];
rz(3.5*pi) q[0];
U1q(0.3*pi,0.2*pi) q[1];
ZZ q[0],q[1];
RZZ(0.1*pi) q[1],q[2];
U1q(1.0*pi,0.0*pi) q[2];
RZZ(0.7*pi) q[0],q[2];
measure q[0] -> c[0];
measure q[1] -> c[1];
measure q[2] -> c[2];
