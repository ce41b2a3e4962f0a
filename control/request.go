package control

// A Request is what auditors ask for or about.
type Request struct{}

// A RequestResult is a request with what answers it.
type RequestResult struct{ Request Request }
