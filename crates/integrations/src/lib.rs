//! One folder a service: its facts, its wire calls, its errors and its words.
