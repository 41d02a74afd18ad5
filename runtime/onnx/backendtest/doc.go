// Package backendtest runs folders in the layout of the ONNX backend tests: a
// model.onnx beside test_data_set_N folders that hold input_K.pb and
// output_K.pb. A folder of folders flows in, one [Result] for each test flows
// out.
package backendtest
