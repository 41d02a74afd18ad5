package graph

// firstError returns the first error that is not nil: one line for a person,
// where errors.Join would give several.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
