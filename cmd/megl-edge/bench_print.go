package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

type benchResult struct {
	schema
	File     string  `json:"file"`
	Level    string  `json:"level"`
	Threads  int     `json:"threads"`
	Runs     int     `json:"runs"`
	MedianMS float64 `json:"median_ms"` // classification alone
	P10MS    float64 `json:"p10_ms"`
	P90MS    float64 `json:"p90_ms"`
	LoadMS   float64 `json:"load_ms"` // open or import, check, compile, pack
	FirstMS  float64 `json:"first_ms"`
	// PeakMB is the largest memory of the process so far, before the heat map;
	// 0 where the system does not tell.
	PeakMB float64    `json:"peak_mb"`
	Memory memoryJSON `json:"memory"` // of the classification
	workJSON
	// With the heat map as an extra output; absent where the model has none.
	ExplainMedianMS *float64 `json:"explain_median_ms,omitempty"`
	MapShare        *float64 `json:"map_share,omitempty"` // of the classification's time
	// With --parallel.
	Parallel *parallelJSON `json:"parallel,omitempty"`
	// With --batch.
	Batch *batchJSON `json:"batch,omitempty"`
	// With --layers or --slowest: the reading rate of memory, the sum of the steps'
	// medians, the steps that were asked for, and all kernels.
	ReadGBPerS float64          `json:"read_gb_per_s,omitempty"`
	StepsMS    float64          `json:"steps_ms,omitempty"`
	Layers     []stepTimeJSON   `json:"layers,omitempty"`
	Kernels    []kernelTimeJSON `json:"kernels,omitempty"`
}

func printBench(w io.Writer, r *benchResult) error {
	if len(r.Layers) > 0 {
		if err := printLayers(w, r); err != nil {
			return err
		}
	}
	lines := fmt.Sprintf("%s: %s, %d threads, %d runs\n  classify   median %.2f ms, p10 %.2f, p90 %.2f\n",
		r.File, r.Level, r.Threads, r.Runs, r.MedianMS, r.P10MS, r.P90MS)
	lines += workLines(&r.workJSON)
	if r.ReadGBPerS > 0 {
		lines += fmt.Sprintf("  bandwidth  %.1f GB/s read from memory\n", r.ReadGBPerS)
	}
	lines += fmt.Sprintf("  load       %.1f ms, then %.1f ms for the first run\n", r.LoadMS, r.FirstMS)
	lines += fmt.Sprintf("  memory     %.1f MB packed weights, %.1f MB values (%.1f MB without sharing)\n",
		megabytes(r.Memory.Weights), megabytes(r.Memory.Values), megabytes(r.Memory.ValuesUnplaced))
	if r.PeakMB > 0 {
		lines += fmt.Sprintf("  process    %.1f MB at the peak\n", r.PeakMB)
	}
	if r.MapShare != nil {
		lines += fmt.Sprintf("  heat map   median %.2f ms with it: %+.1f %%\n", *r.ExplainMedianMS, 100**r.MapShare)
	}
	if r.Parallel != nil {
		lines += fmt.Sprintf("  parallel   %.1f photos/s, %d at a time on one thread each\n", r.Parallel.ImagesPerS, r.Parallel.Sessions)
	}
	if r.Batch != nil {
		lines += fmt.Sprintf("  batch      %.1f photos/s, %d in a run of %.2f ms\n", r.Batch.ImagesPerS, r.Batch.Batch, r.Batch.MedianMS)
	}
	_, err := io.WriteString(w, lines)
	return err
}

func workLines(w *workJSON) string {
	if w.MACs == 0 {
		return ""
	}
	lines := fmt.Sprintf("  rate       %.1f GMAC/s, %.0f %% of the peak; %.1f million MACs, of which int8 %.1f %%\n",
		w.GMACsPerS, 100*w.PeakShare, float64(w.MACs)/1e6, 100*float64(w.MACsInt8)/float64(w.MACs))
	lines += "  peak       "
	for i, p := range w.Peaks {
		if i > 0 {
			lines += ", "
		}
		lines += fmt.Sprintf("%.1f GMAC/s %s", p.GMACsPerS, p.Type)
	}
	return lines + " from the L1 cache\n"
}

// printLayers prints a table of steps and one of all kernels, with their sum.
func printLayers(w io.Writer, r *benchResult) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "layer\top\tkernel\toutput\tMACs\tms\tshare\tpeak\tbound by\t")
	for _, s := range r.Layers {
		op := string(s.Op)
		for _, fused := range s.Fused {
			op += "+" + string(fused)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%v[%v]\t%d\t%8.3f\t%5.1f %%\t%s\t%s\t\n", shortened(s.Name), op, s.Kernel,
			s.DType, s.Shape, s.MACs, s.MedianMS, 100*s.Share, peakText(s.PeakShare), orDash(s.Bound))
	}
	fmt.Fprintln(t, "\nkernel\tsteps\tMACs\tms\tshare\tpeak\t")
	steps := 0
	for _, k := range r.Kernels {
		steps += k.Steps
		fmt.Fprintf(t, "%s\t%d\t%d\t%8.3f\t%5.1f %%\t%s\t\n", k.Kernel, k.Steps, k.MACs, k.MS, 100*k.Share, peakText(k.PeakShare))
	}
	fmt.Fprintf(t, "all\t%d\t%d\t%8.3f\t%5.1f %%\t%s\t\n\n", steps, r.MACs, r.StepsMS, 100.0, peakText(r.PeakShare))
	return t.Flush()
}

// peakText returns a share of the peak, or a dash where nothing is multiplied.
func peakText(share float64) string {
	if share == 0 {
		return "    –"
	}
	return fmt.Sprintf("%3.0f %%", 100*share)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
