package kernels

import "megl-edge/kernels/asm"

// blocking says how the matrix product of a convolution is cut into tiles: a
// block of output positions by a block of panels of 16 filters, for one group.
type blocking struct {
	positions, allPanels      int
	blockRows, blockPanels    int
	rowBlocks, panelBlocks, g int // g: groups
}

// cut returns how many parts of a size there are in n, the last one perhaps smaller.
func cut(n, size int) int { return (n + size - 1) / size }

// block cuts positions × panels for the given number of threads. rowBytes is
// what one packed row takes. Block sizes change speed only.
func block(positions, panels, groups, rowBytes, threads, tileRows int) blocking {
	const packedBytes = 96 << 10 // leaves half of a small L2 cache to the weights
	rows := max(tileRows, min(16*tileRows, packedBytes/max(1, rowBytes)/tileRows*tileRows))
	if threads > 1 { // give every thread a few blocks where the image is large enough
		fair := (positions/(4*threads) + tileRows - 1) / tileRows * tileRows
		rows = max(tileRows, min(rows, fair))
	}
	b := blocking{positions: positions, allPanels: panels, blockRows: rows, g: groups}
	b.rowBlocks = (positions + rows - 1) / rows
	split := 1
	if threads > 1 && b.rowBlocks*groups < 2*threads {
		split = min(panels, (2*threads+b.rowBlocks-1)/b.rowBlocks)
	}
	b.blockPanels = (panels + split - 1) / split
	b.panelBlocks = (panels + b.blockPanels - 1) / b.blockPanels
	return b
}

// blockF32 cuts positions × panels, whose sums are computed in stretches, for the
// given number of threads: into even blocks of rows first, and then, where these are
// not enough, into blocks of panels.
func blockF32(positions, panels, groups, threads int) blocking {
	const (
		mostRows = 16 * asm.GemmF32Rows
		fewRows  = 4 * asm.GemmF32Rows
		// mostPanels leaves room in the second cache for long stretches of each.
		mostPanels = 32
	)
	even := func(blocks int) int { return cut(cut(positions, blocks), asm.GemmF32Rows) * asm.GemmF32Rows }
	wanted := 1
	if threads > 1 {
		wanted = cut(4*threads, groups)
	}
	b := blocking{positions: positions, allPanels: panels, blockPanels: panels, g: groups}
	b.blockRows = even(max(cut(positions, mostRows), min(wanted, cut(positions, fewRows))))
	b.rowBlocks = cut(positions, b.blockRows)
	b.blockPanels = cut(panels, min(panels, max(cut(wanted, b.rowBlocks), cut(panels, mostPanels))))
	b.panelBlocks = cut(panels, b.blockPanels)
	return b
}

func (b *blocking) tiles() int { return b.rowBlocks * b.panelBlocks * b.g }

// tile returns the group, the positions and the panels of tile i.
func (b *blocking) tile(i int) (group, firstRow, lastRow, firstPanel, lastPanel int) {
	firstPanel = i % b.panelBlocks * b.blockPanels
	i /= b.panelBlocks
	firstRow = i % b.rowBlocks * b.blockRows
	group = i / b.rowBlocks
	return group, firstRow, min(firstRow+b.blockRows, b.positions), firstPanel, min(firstPanel+b.blockPanels, b.allPanels)
}
