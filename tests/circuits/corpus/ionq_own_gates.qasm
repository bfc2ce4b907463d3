OPENQASM 2.0;
include "qelib1.inc";
gate gpi(t) a { rz(-2*pi*t) a; x a; rz(2*pi*t) a; }
gate gpi2(t) a { rz(-2*pi*t) a; rx(pi/2) a; rz(2*pi*t) a; }
gate ms(s,t) a,b { rz(-2*pi*s) a; rz(-2*pi*t) b; rxx(pi/2) a,b; rz(2*pi*s) a; rz(2*pi*t) b; }
qreg q[2];
gpi2(0.25) q[0];
ms(0.1,0) q[0],q[1];
gpi(0.4) q[1];
