"""Stories on real parts: real models, real clips, a real Mosquitto."""
