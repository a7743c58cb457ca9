//! The engine behind one door: sign-in, broker, monitor.
