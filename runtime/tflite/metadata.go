package tflite

// The fields of TensorFlow Lite metadata, by their number in
// metadata_schema.fbs.
const (
	metadataSubgraphs = 3

	subgraphInputMetadata = 2

	tensorProcessUnits = 4

	unitOptionsType, unitOptions = 0, 1

	normalizationMean, normalizationStd = 0, 1
)

// unitNormalization is NormalizationOptions in union ProcessUnitOptions.
const unitNormalization = 1

// readNormalization returns the mean and the standard deviation of the image,
// one number or one for each channel, or nothing where the metadata do not say
// or are damaged.
func readNormalization(metadata []byte) (mean, std []float32) {
	if len(metadata) < 8 || string(metadata[4:8]) != "M001" {
		return nil, nil
	}
	err := guarded(func() error {
		mean, std = findNormalization(rootTable(metadata))
		return nil
	})
	if err != nil {
		return nil, nil
	}
	return mean, std
}

func findNormalization(model table) (mean, std []float32) {
	for _, subgraph := range model.tables(metadataSubgraphs) {
		for _, input := range subgraph.tables(subgraphInputMetadata) {
			for _, unit := range input.tables(tensorProcessUnits) {
				if unit.int8(unitOptionsType) == unitNormalization {
					at := unit.table(unitOptions)
					return at.float32s(normalizationMean), at.float32s(normalizationStd)
				}
			}
		}
	}
	return nil, nil
}
