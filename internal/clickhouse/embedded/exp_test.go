package embedded

import (
	"fmt"
	"os"
	"testing"
	"time"
)

const so = "/work/main/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"

func q(lib *library, c handle, sql string) string {
	r := statement{sql: sql, format: "TSV"}.call(lib.query, c)
	defer lib.destroy(r)
	if e := text(lib.resultError(r)); e != "" {
		return "ERR " + e
	}
	return string(lib.data(r))
}

func TestExp(t *testing.T) {
	t0 := time.Now()
	lib, err := load(so)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("load", time.Since(t0), lib.version())
	dir := t.TempDir()
	flags := []string{"--path=" + dir}
	if f := os.Getenv("FLAGS"); f != "" {
		var a string
		for _, x := range f {
			if x == ' ' {
				flags = append(flags, a)
				a = ""
				continue
			}
			a += string(x)
		}
		flags = append(flags, a)
	}
	t0 = time.Now()
	h := lib.open(flags)
	fmt.Println("open", time.Since(t0))
	if h == nil {
		t.Fatal("nil")
	}
	t0 = time.Now()
	h2 := lib.open(append(flags, "--max_threads=3", "--log_comment=abc"))
	fmt.Println("open2", time.Since(t0))
	c, c2 := *h, *h2
	for _, s := range []string{
		"select 1", "select timezone(), version(), displayName(), hostName()",
		"select query_id, query, user, Settings['log_comment'], Settings from system.processes",
		"select name,value from system.settings where changed",
		"create database d", "create database d2", "use d", "select currentDatabase()", "drop database d", "select currentDatabase()", "select 1; select 2", "use d2", "select currentDatabase()",
		"create table t (a UInt64) engine=MergeTree order by a", "select engine_full from system.tables where name='t'",
		"show create table t",
		"show create database d2",
		"select name,value from system.merge_tree_settings where name like '%fsync%' or changed",
		"select name,value from system.server_settings where changed",
		"set max_threads=7", "select getSetting('max_threads')", "set max_threads=DEFAULT", "select getSetting('max_threads')",
		"select metric, value from system.metrics where metric like '%Thread%' and value>0",
		"insert into t values (1),(2)", "insert into t select number from numbers(10)", "select count() from t",
		"select nosuch", "selec", "insert into t format CSV 5\n6\n", "select count() from t",
		"exit", "select database, name, engine, total_rows from system.tables where database='system' and engine like '%MergeTree%'",
		"select formatReadableSize(value), metric from system.asynchronous_metrics where metric in ('MemoryResident')",
	} {
		fmt.Printf("> %s\n%s\n", s, q(lib, c, s))
	}
	fmt.Println(q(lib, c2, "select getSetting('max_threads'), currentDatabase()"))
	fmt.Println(q(lib, c2, "select query_id, query, user, Settings from system.processes"))

	// kill
	done := make(chan string)
	go func() {
		t0 := time.Now()
		done <- q(lib, c2, "select count() from numbers_mt(1000000000000) where number % 7 = 3") + time.Since(t0).String()
	}()
	time.Sleep(300 * time.Millisecond)
	fmt.Println(q(lib, c, "select query_id, query, Settings from system.processes"))
	fmt.Println("KILL", q(lib, c, "kill query where Settings['log_comment']='abc' async"))
	fmt.Println(<-done)
	fmt.Println(q(lib, c2, "select 'still'"))
	b, _ := os.ReadFile("/proc/self/status")
	fmt.Println(string(b[len(b)-1400:]))
	fmt.Println(q(lib, c, "select arrayStringConcat(groupArray(name),' ') from system.tables where database='system' and name like '%log%'"))
	lib.closeConn(h2)
	t0 = time.Now()
	lib.closeConn(h)
	fmt.Println("close", time.Since(t0))
	e, _ := os.ReadDir(dir)
	fmt.Println(e)
	st, _ := os.ReadFile(dir + "/status")
	fmt.Println(string(st))
	t0 = time.Now()
	h = lib.open([]string{"--path=" + t.TempDir()})
	fmt.Println("reopen other", time.Since(t0), h)
	x := lib.open([]string{"--path=" + t.TempDir()})
	fmt.Println("two", x)
	lib.closeConn(h)
}
