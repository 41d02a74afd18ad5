package train

import "megl-edge/runtime/atomicfile"

// UseFiles lets checkpoints go to another file system.
func (t *Trainer) UseFiles(files atomicfile.Files) { t.files = files }

// Save saves a checkpoint.
func (t *Trainer) Save() error { return t.save() }
