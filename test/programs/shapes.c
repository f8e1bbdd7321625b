/* Starts processes with known memory, to compare psm's figures with it.
 *
 * Usage: shapes SHAPE [ARG]     without arguments it lists the shapes
 *
 * When the shape is ready, the program prints one line: "ready key=value ...", with pids and bytes. The shape stays
 * until standard input ends or SIGTERM, SIGINT or SIGHUP comes; then the program kills and reaps all its processes.
 *
 * The first process is the controller, which has little memory and is not part of the shape. Its child, the subject,
 * makes the shape, and is the parent of the other processes of the shape. Each process is killed when its parent ends.
 * The kernel regards the thread that forked as the parent, so the thread that starts this program must outlive it.
 *
 * Exit status: 0 ended as requested, 1 a process of the shape ended by itself, 2 bad usage, 77 the machine does not
 * support the shape; then the line is "unavailable ...", with the reason.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <linux/if_packet.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21 /* Linux 5.4 */
#endif

enum { EXIT_BAD_USAGE = 2, EXIT_UNAVAILABLE = 77, NOBODY = 65534, HUGE_PAGES = 3 };
static const size_t KB = 1 << 10, MB = 1 << 20;

/* If it is longer, the tests wait for shapes that cannot succeed; if shorter, shapes fail on a busy machine. */
enum { PATIENCE_MS = 5000, RETRY_MS = 20 };

/* A line has at most PIPE_BUF bytes, which a pipe writes as a whole. It has room for MAX_SHARERS pids of 7 digits. */
enum { LINE_BYTES = 4096, MAX_SHARERS = 400, MAX_MB = 1 << 14, MAX_TABLES_MB = 1 << 10,
       MAX_MAPPINGS = 1 << 20 };

struct shape {
    const char *name;
    void (*make)(size_t argument); /* runs in the subject, which then sleeps forever */
    size_t default_argument;       /* MB, or processes (shared-libs), pages (hugetlb), mappings (mappings) */
    long max_argument;             /* 0: takes no argument */
    const char *words;
};

static pid_t controller;
static pid_t group;                 /* pid and process group of the subject; 0: not started */
static int signals;                 /* a signalfd, which only await() in the controller reads */
static int answers = STDOUT_FILENO; /* in the subject and its children, a pipe to the controller */
static long old_huge_pages = -1;    /* the value of nr_hugepages to restore; -1: not changed */
static const char huge_pages_path[] = "/proc/sys/vm/nr_hugepages";

/* ---- Messages of any process of the program ---- */

/* Prints a line in one write, so that the lines of two processes do not mix. Allocates nothing: safe after vfork(). */
__attribute__((format(printf, 2, 0))) static void say(const char *first, const char *format, va_list arguments) {
    char line[LINE_BYTES];
    size_t used = (size_t)snprintf(line, sizeof line, "%s ", first);
    int more = vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    if (more < 0 || (used += (size_t)more) > sizeof line - 2)
        used = sizeof line - 2;
    line[used++] = '\n';
    if (write(answers, line, used) != (ssize_t)used)
        _exit(1);
}

/* Reports that the shape is ready. */
__attribute__((format(printf, 1, 2))) static void ready(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say("ready", format, arguments);
    va_end(arguments);
}

/* Reports why the shape cannot be made, and exits. The controller prints only the first such line: if a child fails,
 * the line of its parent is dropped. */
__attribute__((noreturn, format(printf, 1, 2))) static void unavailable(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say("unavailable", format, arguments);
    va_end(arguments);
    _exit(EXIT_UNAVAILABLE);
}

/* ---- Huge pages ---- */

/* Returns the number after prefix on the first line that starts with it, or -1 if there is none. */
static long number_in(const char *path, const char *prefix) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    char line[256];
    long number = -1;
    while (number < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            number = strtol(line + strlen(prefix), NULL, 10);
    fclose(file);
    return number;
}

/* Sets nr_hugepages; returns 0 or an errno. */
static int set_huge_pages(long count) {
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", count);
    int file = open(huge_pages_path, O_WRONLY | O_CLOEXEC);
    int error = file < 0 || write(file, text, (size_t)length) != length ? errno : 0;
    if (file >= 0)
        close(file);
    return error;
}

/* Restores nr_hugepages if this program changed it. */
static void restore_huge_pages(void) {
    if (old_huge_pages >= 0)
        set_huge_pages(old_huge_pages);
    old_huge_pages = -1;
}

/* Counts the huge pages that are free and not reserved. */
static long free_huge_pages(void) {
    return number_in("/proc/meminfo", "HugePages_Free:") - number_in("/proc/meminfo", "HugePages_Rsvd:");
}

/* Makes sure that enough huge pages are free. Counts used pages in meminfo, because nr_hugepages omits surplus ones. */
static void provide_huge_pages(void) {
    long pages = number_in(huge_pages_path, "");
    if (pages < 0)
        unavailable("no huge pages: cannot read %s", huge_pages_path);
    if (free_huge_pages() >= HUGE_PAGES)
        return;
    int error = set_huge_pages(number_in("/proc/meminfo", "HugePages_Total:") - free_huge_pages() + HUGE_PAGES);
    if (error != 0)
        unavailable("no huge pages: cannot write %s: %s", huge_pages_path, strerror(error));
    old_huge_pages = pages;
    long got = free_huge_pages();
    if (got < HUGE_PAGES) {
        restore_huge_pages();
        unavailable("no huge pages: %d are needed, but only %ld are free after asking for more", HUGE_PAGES, got);
    }
}

/* ---- Tools for shapes: in the subject and its children ---- */

/* Sleeps until a signal kills the process. */
__attribute__((noreturn)) static void sleep_forever(void) {
    for (;;)
        pause();
}

/* Makes the kernel kill this process when its parent ends. Checks for the parent after prctl(), because one that ended
 * before sends no signal. */
static void die_with(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
}

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000L}, NULL);
}

static size_t page_bytes(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Maps memory in small pages: with huge pages, the kernel rounds up and may estimate what is shared. Kernels without
 * huge pages reject the advice. */
static char *map(size_t bytes, int flags, int file) {
    char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
    if (start == MAP_FAILED)
        unavailable("cannot map %zu bytes: %s", bytes, strerror(errno));
    madvise(start, bytes, MADV_NOHUGEPAGE);
    return start;
}

/* Writes to each page. The content differs between pages and processes, because KSM could merge equal pages. */
static void touch(char *start, size_t bytes) {
    uint64_t pid = (uint64_t)getpid();
    for (size_t at = 0; at < bytes; at += page_bytes())
        *(volatile uint64_t *)(start + at) = pid << 40 | (uint64_t)at;
}

/* Reads from each page. */
static void read_pages(const char *start, size_t bytes) {
    for (size_t at = 0; at < bytes; at += page_bytes())
        (void)*(const volatile char *)(start + at);
}

/* Maps private memory and writes to each page. */
static char *touched(size_t mb) {
    size_t bytes = mb * MB;
    char *start = map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    touch(start, bytes);
    return start;
}

struct part {
    char *start; /* NULL: not mapped yet; map the file */
    size_t bytes;
    int file;
};

static void touch_part(const struct part *part) {
    touch(part->start != NULL ? part->start : map(part->bytes, MAP_SHARED, part->file), part->bytes);
}

/* Forks a child, and returns its pid when it has done its work on the part. The child then sleeps. */
static pid_t fork_child(void (*work)(const struct part *), const struct part *part) {
    int done[2];
    pid_t parent = getpid();
    if (pipe2(done, O_CLOEXEC) != 0)
        unavailable("cannot make a pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        unavailable("cannot fork: %s", strerror(errno));
    if (child == 0) {
        die_with(parent);
        work(part);
        if (write(done[1], "", 1) != 1)
            _exit(1);
        sleep_forever();
    }
    close(done[1]); /* otherwise read() would block if the child ended */
    char byte;
    if (read(done[0], &byte, 1) != 1)
        unavailable("process %d ended before its memory was ready", child);
    close(done[0]);
    return child;
}

/* ---- One address space, two processes ---- */

/* Sleeps in a process that shares the memory of its parent. */
static int pause_beside(void *parent) {
    die_with(*(pid_t *)parent);
    sleep_forever();
}

static void clone_vm(size_t mb) {
    enum { STACK_BYTES = 64 * 1024 };
    touched(mb);
    pid_t parent = getpid();
    char *stack = map(STACK_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    pid_t child = clone(pause_beside, stack + STACK_BYTES, CLONE_VM | SIGCHLD, &parent);
    if (child < 0)
        unavailable("cannot clone with CLONE_VM: %s", strerror(errno));
    ready("parent=%d child=%d bytes=%zu", parent, child, mb * MB);
    sleep_forever(); /* must not return: the child uses the variable parent */
}

/* Makes the shape vfork. The child reports that it is ready, because its parent is suspended until the child calls
 * exec, which it never does. */
static void be_vforked(size_t mb) {
    touched(mb);
    pid_t parent = getpid();
    pid_t child = vfork();
    if (child < 0)
        unavailable("cannot vfork: %s", strerror(errno));
    if (child == 0) {
        die_with(parent);
        ready("parent=%d child=%d bytes=%zu", parent, getpid(), mb * MB);
        sleep_forever();
    }
}

/* ---- Two address spaces that share memory ---- */

static void be_forked(size_t mb) {
    struct part written = {.start = touched(mb), .bytes = mb * MB / 2};
    pid_t child = fork_child(touch_part, &written);
    ready("parent=%d child=%d bytes=%zu written=%zu", getpid(), child, mb * MB, written.bytes);
}

/* Reads all pages of a library. */
static int read_segments(struct dl_phdr_info *library, size_t unused, void *unused_too) {
    (void)unused, (void)unused_too;
    for (int i = 0; i < library->dlpi_phnum; i++)
        if (library->dlpi_phdr[i].p_type == PT_LOAD)
            read_pages((char *)library->dlpi_addr + library->dlpi_phdr[i].p_vaddr, library->dlpi_phdr[i].p_memsz);
    return 0;
}

/* Gives both processes the same pages. After a fork, file pages must be faulted in again, so the libraries would
 * differ; so would the stack, which the parent needs to report that it is ready. */
static void be_twin(const struct part *written) {
    _Alignas(uint64_t) char stack[3 * LINE_BYTES];
    touch(stack, sizeof stack);
    touch_part(written);
    read_pages(written->start, 2 * written->bytes);
    dl_iterate_phdr(read_segments, NULL);
}

static void twins(size_t mb) {
    struct part written = {.start = touched(mb), .bytes = mb * MB / 2};
    pid_t child = fork_child(be_twin, &written);
    be_twin(&written);
    ready("parent=%d child=%d bytes=%zu written=%zu", getpid(), child, mb * MB, written.bytes);
}

/* Shares a file between two processes. The parent maps it after the fork, so that the child does not map it twice. */
static void share_file(int file, size_t bytes) {
    if (ftruncate(file, (off_t)bytes) != 0)
        unavailable("cannot make a file of %zu bytes: %s", bytes, strerror(errno));
    struct part shared = {.bytes = bytes, .file = file};
    pid_t child = fork_child(touch_part, &shared);
    touch_part(&shared);
    ready("parent=%d child=%d bytes=%zu", getpid(), child, bytes);
}

/* Makes the shape tmpfs. Checks for free blocks first, because a write to a full file system causes SIGBUS. */
static void tmpfs(size_t mb) {
    size_t bytes = mb * MB;
    char path[] = "/dev/shm/shapes.XXXXXX";
    int file = mkstemp(path);
    if (file < 0)
        unavailable("cannot make a file in /dev/shm: %s", strerror(errno));
    unlink(path);
    struct statfs system;
    if (fstatfs(file, &system) != 0 || system.f_type != TMPFS_MAGIC)
        unavailable("/dev/shm is not a tmpfs");
    if (system.f_blocks != 0 && system.f_bavail * (uint64_t)system.f_bsize < bytes)
        unavailable("/dev/shm has less than %zu bytes free", bytes);
    share_file(file, bytes);
}

static int new_memfd(void) {
    int file = memfd_create("shapes", MFD_CLOEXEC);
    if (file < 0)
        unavailable("cannot make a memfd: %s", strerror(errno));
    return file;
}

static void memfd(size_t mb) {
    share_file(new_memfd(), mb * MB);
}

/* Makes the shape hugetlb. Maps the private pages after the fork, so that they stay private. */
static void hugetlb(size_t pages) {
    size_t page = (size_t)number_in("/proc/meminfo", "Hugepagesize:") * KB;
    size_t private_bytes = (pages - 1) * page;
    struct part shared = {.start = map(page, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1), .bytes = page};
    touch_part(&shared);
    pid_t child = fork_child(touch_part, &shared);
    touch(map(private_bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1), private_bytes);
    ready("parent=%d child=%d private=%zu shared=%zu", getpid(), child, private_bytes, page);
}

/* The file has SHARED_PAGES, in SHARED_MAPPINGS. Mapping i has pages_in_turn[i % 4] pages. */
enum { SHARED_PAGES = 200, SHARED_MAPPINGS = 100 };
static const int pages_in_turn[] = {1, 3, 2, 2};

/* Makes a temporary file with a different number in each page. */
static int new_shared_file(void) {
    const char *directory = getenv("TMPDIR");
    char path[LINE_BYTES / 2];
    snprintf(path, sizeof path, "%s/shapes.XXXXXX", directory != NULL ? directory : "/tmp");
    int file = mkstemp(path);
    if (file < 0)
        unavailable("cannot make the file %s: %s", path, strerror(errno));
    unlink(path);
    /* One write for each page: for a longer write, the page cache uses large folios, whose sharing is an estimate. */
    for (size_t page = 0; page < SHARED_PAGES; page++) {
        uint64_t number = (uint64_t)getpid() << 40 | page;
        if (pwrite(file, &number, sizeof number, (off_t)(page * page_bytes())) != sizeof number)
            unavailable("cannot write a temporary file: %s", strerror(errno));
    }
    if (ftruncate(file, (off_t)(SHARED_PAGES * page_bytes())) != 0)
        unavailable("cannot make a temporary file longer: %s", strerror(errno));
    fsync(file); /* otherwise its pages would change from dirty to clean later, unlike those of libraries */
    return file;
}

/* Maps the file in many parts. Leaves a page free after each mapping, so that they do not merge. */
static void map_like_libraries(const struct part *part) {
    size_t page = page_bytes();
    char *start = mmap(NULL, part->bytes + SHARED_MAPPINGS * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED || munmap(start, part->bytes + SHARED_MAPPINGS * page) != 0)
        unavailable("cannot reserve addresses: %s", strerror(errno));
    size_t offset = 0;
    for (size_t i = 0; i < SHARED_MAPPINGS; i++) {
        size_t bytes = (size_t)pages_in_turn[i % 4] * page;
        char *wanted = start + offset + i * page;
        char *mapping = mmap(wanted, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, part->file, (off_t)offset);
        if (mapping == MAP_FAILED)
            unavailable("cannot make mapping %zu: %s", i + 1, strerror(errno));
        read_pages(mapping, bytes);
        offset += bytes;
    }
}

/* Stops a child. It cannot stop itself, because it must report first that its memory is ready. */
static void stop(pid_t child) {
    siginfo_t state;
    if (kill(child, SIGSTOP) != 0 || waitid(P_PID, (id_t)child, &state, WSTOPPED | WEXITED | WNOWAIT) != 0 ||
        state.si_code != CLD_STOPPED)
        unavailable("process %d cannot be stopped", child);
}

static void shared_libs(size_t processes) {
    struct part shared = {.bytes = SHARED_PAGES * page_bytes(), .file = new_shared_file()};
    char pids[LINE_BYTES - 256];
    size_t used = 0;
    for (size_t i = 0; i < processes; i++) {
        pid_t child = fork_child(map_like_libraries, &shared);
        stop(child);
        used += (size_t)snprintf(pids + used, sizeof pids - used, "%s%d", i == 0 ? "" : ",", child);
    }
    ready("pids=%s mappings=%d bytes=%zu", pids, SHARED_MAPPINGS, shared.bytes);
}

/* ---- One process ---- */

/* Returns the state of a process, a letter. */
static char state_of(pid_t pid) {
    char path[64], state = '?';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        unavailable("cannot read %s", path);
    fclose(file);
    return state;
}

/* Waits until the main thread has ended. Asks for the death signal again, because it belongs to a thread and may end
 * with the main thread. */
static void *outlive_leader(void *mb) {
    die_with(controller);
    for (int waited = 0; state_of(getpid()) != 'Z'; waited += RETRY_MS) {
        if (waited > PATIENCE_MS)
            unavailable("the main thread called pthread_exit but is not in state Z");
        nap();
    }
    ready("pid=%d tid=%d bytes=%zu", getpid(), gettid(), (uintptr_t)mb * MB);
    sleep_forever();
}

static void dead_leader(size_t mb) {
    touched(mb);
    pthread_t thread;
    int error = pthread_create(&thread, NULL, outlive_leader, (void *)(uintptr_t)mb);
    if (error != 0)
        unavailable("cannot start a thread: %s", strerror(error));
    pthread_exit(NULL);
}

static void zombie(size_t unused) {
    (void)unused;
    pid_t child = fork();
    if (child < 0)
        unavailable("cannot fork: %s", strerror(errno));
    if (child == 0)
        _exit(0);
    siginfo_t state;
    if (waitid(P_PID, (id_t)child, &state, WEXITED | WNOWAIT) != 0)
        unavailable("cannot wait for a child: %s", strerror(errno));
    ready("parent=%d zombie=%d", getpid(), child);
}

/* Returns how many bytes of the mapping at that address are in swap. */
static size_t swapped_at(const char *address) {
    FILE *file = fopen("/proc/self/smaps", "re");
    if (file == NULL)
        unavailable("cannot read /proc/self/smaps: %s", strerror(errno));
    char line[LINE_BYTES];
    bool here = false;
    size_t swap_kb = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        uintptr_t start, end;
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            here = start <= (uintptr_t)address && (uintptr_t)address < end;
        else if (here)
            (void)sscanf(line, "Swap: %zu kB", &swap_kb); /* changes nothing on other lines */
    }
    fclose(file);
    return swap_kb * KB;
}

/* Returns whether the machine has swap. */
static bool has_swap(void) {
    FILE *file = fopen("/proc/swaps", "re");
    char line[LINE_BYTES];
    bool has = file != NULL && fgets(line, sizeof line, file) != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL)
        fclose(file);
    return has;
}

/* Makes the shape swapped. Tries several times: MADV_PAGEOUT skips busy pages, such as those in a CPU's batch. */
static void swapped(size_t mb) {
    if (!has_swap())
        unavailable("/proc/swaps lists no swap");
    size_t private_bytes = mb * MB, shared_bytes = private_bytes / 2;
    int file = new_memfd();
    if (ftruncate(file, (off_t)shared_bytes) != 0)
        unavailable("cannot make a memfd of %zu bytes: %s", shared_bytes, strerror(errno));
    char *private = touched(mb), *shared = map(shared_bytes, MAP_SHARED, file);
    touch(shared, shared_bytes);
    size_t private_out = 0, shared_out = 0;
    for (int waited = 0; private_out < private_bytes / 10 * 9 || shared_out < shared_bytes / 10 * 9;
         waited += RETRY_MS) {
        if (waited > PATIENCE_MS)
            unavailable("only %zu of %zu private and %zu of %zu shared bytes went to swap", private_out, private_bytes,
                        shared_out, shared_bytes);
        if (madvise(private, private_bytes, MADV_PAGEOUT) != 0 || madvise(shared, shared_bytes, MADV_PAGEOUT) != 0)
            unavailable("cannot page out: %s", strerror(errno));
        nap();
        private_out = swapped_at(private);
        shared_out = swapped_at(shared);
    }
    ready("pid=%d private=%zu shared=%zu", getpid(), private_out, shared_out);
}

/* Makes the shape ring. The socket has no protocol, so it receives nothing. */
static void ring(size_t mb) {
    int packets = socket(AF_PACKET, SOCK_RAW, 0);
    if (packets < 0)
        unavailable("cannot open a packet socket: %s", strerror(errno));
    enum { FRAME_BYTES = 2048 };
    struct tpacket_req request = {.tp_block_size = MB, .tp_block_nr = mb, .tp_frame_size = FRAME_BYTES,
                                  .tp_frame_nr = mb * MB / FRAME_BYTES};
    if (setsockopt(packets, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) != 0)
        unavailable("cannot make a ring of %zu MB: %s", mb, strerror(errno));
    map(mb * MB, MAP_SHARED, packets);
    ready("pid=%d bytes=%zu", getpid(), mb * MB);
}

static void be_asleep(size_t mb) {
    touched(mb);
    ready("pid=%d bytes=%zu", getpid(), mb * MB);
}

/* Makes the shape sparse. Each page table maps 512 pages, one of which is read: the zero page, which takes no memory. */
static void sparse(size_t mb) {
    enum { PAGES_OF_TABLE = 512 };
    size_t step = PAGES_OF_TABLE * page_bytes(), tables = mb * MB / page_bytes();
    char *start = mmap(NULL, tables * step, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        unavailable("cannot map %zu bytes: %s", tables * step, strerror(errno));
    madvise(start, tables * step, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < tables; i++)
        read_pages(start + i * step, 1);
    ready("pid=%d tables=%zu", getpid(), tables * page_bytes());
}

/* Makes the shape mappings. Every second page is inaccessible, so that neighbors do not merge. Stops when the process
 * has as many mappings as vm.max_map_count allows, and allocates nothing afterwards. */
static void mappings(size_t count) {
    size_t page = page_bytes(), made = 1;
    char *start = map(count * page, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    for (; made < count && mprotect(start + made * page, page, PROT_NONE) == 0; made += 2)
        touch(start + (made - 1) * page, page);
    if (made < count && errno != ENOMEM)
        unavailable("cannot split mapping %zu: %s", made, strerror(errno));
    ready("pid=%d mappings=%zu bytes=%zu", getpid(), made < count ? made : count, made / 2 * page);
}

/* Makes the shape undumpable. A change of credentials clears the death signal, so this asks for it again. */
static void undumpable(size_t mb) {
    touched(mb);
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) != 0))
        unavailable("root cannot become user %d: %s", NOBODY, strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        unavailable("cannot become undumpable: %s", strerror(errno));
    die_with(controller);
    ready("pid=%d uid=%u bytes=%zu", getpid(), getuid(), mb * MB);
}

static const struct shape shapes[] = {
    {"clone-vm", clone_vm, 100, 0, "100 MB in one address space that two processes share, by clone(CLONE_VM)"},
    {"vfork", be_vforked, 100, 0, "100 MB, and a vforked child that never execs"},
    {"fork", be_forked, 64, 0, "64 MB, and a forked child that has written to half of them"},
    {"twins", twins, 16, 0, "16 MB, forked; both have written to the same half"},
    {"dead-leader", dead_leader, 65, 0, "65 MB in a process whose main thread has called pthread_exit"},
    {"zombie", zombie, 0, 0, "a child that has exited and is not reaped"},
    {"tmpfs", tmpfs, 16, 0, "16 MB of a deleted file in /dev/shm, mapped by two processes"},
    {"memfd", memfd, 16, 0, "16 MB of a memfd, mapped by two processes"},
    {"hugetlb", hugetlb, HUGE_PAGES, 0, "two private huge pages, and one that is shared with a child"},
    {"swapped", swapped, 32, 0, "32 MB private and 16 MB shared memory in swap"},
    {"ring", ring, 128, MAX_MB, "ARG MB (128) of the ring of a packet socket, which is mapped but is no page cache"},
    {"shared-libs", shared_libs, 3, MAX_SHARERS, "ARG stopped processes (3) with the same 100 mappings of a file"},
    {"sleep", be_asleep, 8, MAX_MB, "ARG MB (8)"},
    {"sparse", sparse, 40, MAX_TABLES_MB, "ARG MB (40) of page tables, and next to no memory"},
    {"mappings", mappings, 65530, MAX_MAPPINGS, "ARG mappings (65530) of a page, or as many as the kernel allows"},
    {"undumpable", undumpable, 8, MAX_MB, "ARG MB (8) of a process that is not dumpable; root runs it as nobody"},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* ---- The controller ---- */

/* Kills and reaps all processes, and exits. When the subject ends, its children become children of the controller
 * before the subject can be reaped. */
__attribute__((noreturn)) static void leave(int status) {
    if (group != 0) {
        kill(-group, SIGKILL);
        while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
            ;
    }
    restore_huge_pages();
    exit(status);
}

/* Exits if a process of the subject's group has ended; a stopped process has not. With WNOHANG it does not wait. */
static void fail_if_subject_ended(int flags) {
    siginfo_t end = {0};
    if (waitid(P_PGID, (id_t)group, &end, WEXITED | WNOWAIT | flags) != 0 || end.si_pid == 0)
        return;
    fprintf(stderr, "shapes: process %d ended by itself, with %s %d\n", end.si_pid,
            end.si_code == CLD_EXITED ? "exit status" : "signal", end.si_status);
    leave(1);
}

/* Blocks the signals. They stay blocked in the subject, so that only the controller reacts to a pkill that reaches all.
 * The parent may have set SIGCHLD to be ignored; then wait would not work. */
static void catch_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    if (signal(SIGCHLD, SIG_DFL) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (signals = signalfd(-1, &set, SFD_CLOEXEC)) < 0)
        unavailable("cannot set up signals: %s", strerror(errno));
}

/* Waits until the file is readable or at its end; handles signals meanwhile. Checks the file first, because a subject
 * reports before it exits. */
static void await(int file) {
    for (;;) {
        struct pollfd events[] = {{.fd = file, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            leave(1);
        if (events[0].revents != 0)
            return;
        struct signalfd_siginfo signal;
        if (events[1].revents == 0 || read(signals, &signal, sizeof signal) != sizeof signal)
            continue;
        if (signal.ssi_signo != SIGCHLD)
            leave(0);
        fail_if_subject_ended(WNOHANG);
    }
}

/* Makes the shape. */
__attribute__((noreturn)) static void be_subject(const struct shape *shape, size_t argument) {
    die_with(controller);
    setpgid(0, 0);
    close(STDIN_FILENO);
    close(STDOUT_FILENO); /* its reader waits only for the controller to end */
    shape->make(argument);
    sleep_forever();
}

/* Starts the subject; returns the pipe with its answer. The process group distinguishes the shape from other children
 * of this process, because a shell with background jobs can exec shapes. */
static int start_subject(const struct shape *shape, size_t argument) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        unavailable("cannot make a pipe: %s", strerror(errno));
    pid_t subject = fork();
    if (subject < 0) {
        int error = errno;
        restore_huge_pages();
        unavailable("cannot fork: %s", strerror(error));
    }
    if (subject == 0) {
        answers = pipes[1];
        close(pipes[0]);
        be_subject(shape, argument);
    }
    setpgid(subject, subject); /* parent and child both do this, because either may run first */
    group = subject;
    close(pipes[1]);
    return pipes[0];
}

/* Prints the line of the subject; exits if the shape is unavailable. */
static void pass_on_answer(int file) {
    char line[LINE_BYTES];
    await(file);
    ssize_t length = read(file, line, sizeof line);
    /* Used pages stay in the smaller pool until they are freed, so none is left even after SIGKILL. */
    restore_huge_pages();
    if (length <= 0)
        fail_if_subject_ended(0);
    char *end = length > 0 ? memchr(line, '\n', (size_t)length) : NULL;
    if (end == NULL || write(STDOUT_FILENO, line, (size_t)(end + 1 - line)) != end + 1 - line)
        leave(1);
    if (*line == 'u')
        leave(EXIT_UNAVAILABLE);
}

/* Waits for the end of standard input. */
static void await_end_of_input(void) {
    char ignored[LINE_BYTES];
    do
        await(STDIN_FILENO);
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0);
}

/* Returns the shape with that name, or exits and lists all. */
static const struct shape *find_shape(const char *name) {
    for (size_t i = 0; i < SHAPES; i++)
        if (strcmp(name, shapes[i].name) == 0)
            return &shapes[i];
    fprintf(stderr, "shapes: there is no shape '%s'; the shapes are", name);
    for (size_t i = 0; i < SHAPES; i++)
        fprintf(stderr, " %s", shapes[i].name);
    fputc('\n', stderr);
    exit(EXIT_BAD_USAGE);
}

/* Returns the argument of a shape, or exits. */
static size_t parse_argument(const struct shape *shape, const char *text) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool digits = *text >= '0' && *text <= '9' && *end == '\0'; /* strtol also takes spaces and a sign */
    if (digits && errno == 0 && number >= 1 && number <= shape->max_argument)
        return (size_t)number;
    if (shape->max_argument == 0)
        fprintf(stderr, "shapes: %s takes no argument, but got '%s'\n", shape->name, text);
    else
        fprintf(stderr, "shapes: the argument of %s is '%s', and must be a whole number from 1 to %ld\n", shape->name,
                text, shape->max_argument);
    exit(EXIT_BAD_USAGE);
}

#ifdef WITHOUT_VDSO
/* Gives back the page of the kernel's that all processes of the machine share: their number changes its share. Then the
 * clock cannot be read. */
static void leave_vdso(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[LINE_BYTES];
    unsigned long start, end;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        if (strstr(line, "[vdso]") != NULL && sscanf(line, "%lx-%lx", &start, &end) == 2 &&
            munmap((void *)start, end - start) != 0)
            unavailable("cannot unmap [vdso]: %s", strerror(errno));
    if (maps != NULL)
        fclose(maps);
}
#endif

/* Prints the usage and exits. */
__attribute__((noreturn)) static void explain(void) {
    fputs("usage: shapes SHAPE [ARG]\n", stderr);
    for (size_t i = 0; i < SHAPES; i++)
        fprintf(stderr, "  %-12s %s\n", shapes[i].name, shapes[i].words);
    exit(EXIT_BAD_USAGE);
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3)
        explain();
    const struct shape *shape = find_shape(argv[1]);
    size_t argument = argc == 3 ? parse_argument(shape, argv[2]) : shape->default_argument;

#ifdef WITHOUT_VDSO
    leave_vdso();
#endif
    controller = getpid();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        unavailable("cannot set up death signals: %s", strerror(errno));
    catch_signals();
    if (shape->make == hugetlb)
        provide_huge_pages();
    pass_on_answer(start_subject(shape, argument));
    await_end_of_input();
    leave(0);
}
