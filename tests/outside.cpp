// A program of somebody else's, in C++, on the installed library.
#include <persist.h>

#include <cstdint>
#include <cstdio>
#include <new>
#include <thread>

struct Symbol {
    const char *name;
    double weight;
};

int main()
{
    auto *symbol = new (persistentalloc(sizeof(Symbol), alignof(Symbol))) Symbol{"main", 1.0};
    auto *table = static_cast<Symbol *>(persist_array(100, sizeof(Symbol), 0));
    std::thread other([&] { table[1].name = static_cast<char *>(persistentalloc(10, 1)); });
    other.join();
    persist_arena arena{};
    void *block = nullptr;
    persist_status status = persist_arena_alloc(&arena, 100, 64, &block);
    persist_stats stats;
    persist_statistics(&stats);
    bool good = status == PERSIST_OK && reinterpret_cast<std::uintptr_t>(block) % 64 == 0 &&
                persist_contains(symbol) && persist_contains(table[1].name) &&
                !persist_contains(block) && table[99].weight == 0.0 && stats.requested > 1600;
    std::printf("%s %s\n", symbol->name, good ? "good" : "bad");
    return good ? 0 : 1;
}
