// One measurement of the Go runtime's own persistentalloc: the same arguments, work and answer as
// ../../sample.c.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

type request struct{ size, align uint32 }

//go:linkname persistentalloc runtime.persistentalloc
func persistentalloc(size, align uintptr, sysStat *uint64) unsafe.Pointer

// otherSys is the address of the runtime's memstats.other_sys: with any other counter each call pays
// for two atomic additions more.
func otherSys() *uint64 {
	file, err := elf.Open("/proc/self/exe")
	check(err)
	defer file.Close()
	symbols, err := file.Symbols()
	check(err)
	info, err := file.DWARF()
	check(err)
	for _, symbol := range symbols {
		if symbol.Name == "runtime.memstats" {
			return (*uint64)(unsafe.Pointer(uintptr(symbol.Value) + offsetOf(info, "runtime.mstats", "other_sys")))
		}
	}
	log.Fatal("no runtime.memstats")
	return nil
}

func offsetOf(info *dwarf.Data, structure, field string) uintptr {
	for reader := info.Reader(); ; {
		entry, err := reader.Next()
		check(err)
		if entry == nil {
			log.Fatalf("no %s.%s", structure, field)
		}
		if entry.Tag != dwarf.TagStructType || entry.Val(dwarf.AttrName) != structure {
			continue
		}
		described, err := info.Type(entry.Offset)
		check(err)
		for _, member := range described.(*dwarf.StructType).Field {
			if member.Name == field {
				return uintptr(member.ByteOffset)
			}
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func load(path string, n int) []request {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	requests := make([]request, n)
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&requests[0])), n*8)
	check(binary.Read(file, binary.LittleEndian, bytes))
	return requests
}

var sink unsafe.Pointer

func replay(requests []request, stat *uint64) {
	var last unsafe.Pointer
	for _, r := range requests {
		last = persistentalloc(uintptr(r.size), uintptr(r.align), stat)
	}
	atomic.StorePointer(&sink, last)
}

func replayWriting(requests []request, stat *uint64, pattern []byte) {
	for _, r := range requests {
		block := persistentalloc(uintptr(r.size), uintptr(r.align), stat)
		copy(unsafe.Slice((*byte)(block), r.size), pattern)
	}
}

func replayKeeping(requests []request, stat *uint64, blocks []uintptr) {
	for i, r := range requests {
		blocks[i] = uintptr(persistentalloc(uintptr(r.size), uintptr(r.align), stat))
	}
}

func fault(requests []request, blocks []uintptr) string {
	type interval struct{ begin, end uintptr }
	intervals := make([]interval, len(blocks))
	for i, block := range blocks {
		r := requests[i%len(requests)]
		if block == 0 {
			return "no memory"
		}
		if block%uintptr(r.align) != 0 {
			return "misaligned"
		}
		intervals[i] = interval{block, block + uintptr(r.size)}
	}
	sort.Slice(intervals, func(i, j int) bool { return intervals[i].begin < intervals[j].begin })
	for i := 1; i < len(intervals); i++ {
		if intervals[i].begin < intervals[i-1].end {
			return "overlap"
		}
	}
	return ""
}

func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	check(err)
	var size, pages uint64
	_, err = fmt.Sscan(string(text), &size, &pages)
	check(err)
	return float64(pages) * float64(os.Getpagesize())
}

// processorTime is this thread's, in ns.
func processorTime() int64 {
	const clockThreadCPUTime = 3
	var t syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

// each runs work in a goroutine on a thread of its own for each of n threads, all started at once,
// and returns the wall time from the first start to the last end, and the first one's processor time.
func each(n int, work func(thread int)) (wall time.Duration, used int64) {
	var arrived int64
	var done sync.WaitGroup
	started, ended := make([]time.Time, n), make([]time.Time, n)
	for i := 0; i < n; i++ {
		done.Add(1)
		go func(i int) {
			defer done.Done()
			runtime.LockOSThread()
			atomic.AddInt64(&arrived, 1)
			for atomic.LoadInt64(&arrived) < int64(n) {
				runtime.Gosched()
			}
			started[i] = time.Now()
			begin := processorTime()
			work(i)
			if i == 0 {
				used = processorTime() - begin
			}
			ended[i] = time.Now()
		}(i)
	}
	done.Wait()
	first, last := started[0], ended[0]
	for i := range started {
		if started[i].Before(first) {
			first = started[i]
		}
		if ended[i].After(last) {
			last = ended[i]
		}
	}
	return last.Sub(first), used
}

func main() {
	log.SetFlags(0)
	var n, threads int
	if len(os.Args) == 5 {
		n, _ = strconv.Atoi(os.Args[3])
		threads, _ = strconv.Atoi(os.Args[4])
	}
	if n <= 0 || threads <= 0 {
		log.Fatalf("usage: %s check|time|sites|write TRACE N THREADS", os.Args[0])
	}
	debug.SetGCPercent(-1)
	stat := otherSys()
	requests := load(os.Args[2], n)
	var bytes float64
	for _, r := range requests {
		bytes += float64(r.size) * float64(threads)
	}
	pattern := make([]byte, 262144)
	for i := range pattern {
		pattern[i] = 0x5a
	}
	before := resident()
	var wall time.Duration
	var used int64
	switch os.Args[1] {
	case "check":
		blocks := make([]uintptr, n*threads)
		each(threads, func(i int) { replayKeeping(requests, stat, blocks[i*n:(i+1)*n]) })
		fmt.Printf("{\"fault\": %q}\n", fault(requests, blocks))
		return
	case "time", "sites": // persistentalloc is not inlined: a constant alignment gains it nothing
		wall, used = each(threads, func(int) { replay(requests, stat) })
	case "write":
		wall, used = each(threads, func(int) { replayWriting(requests, stat, pattern) })
	default:
		log.Fatalf("%s: no mode '%s'", os.Args[0], os.Args[1])
	}
	fmt.Printf("{\"wall\": %.4f, \"ns\": %.4f, \"resident\": %.5f}\n",
		float64(wall.Nanoseconds())/float64(n), float64(used)/float64(n), (resident()-before)/bytes)
}
