// Empty except in builds for ThreadSanitizer. The sanitizer follows threads and locks by
// intercepting pthread_*. But librdkafka uses C11's <threads.h>, which the C library implements
// without these functions: its threads crash the sanitizer. These definitions, found before the C
// library's, call pthread_*.
#if defined(__SANITIZE_THREAD__)
#define GROUNDHOG_UNDER_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GROUNDHOG_UNDER_TSAN
#endif
#endif

#ifdef GROUNDHOG_UNDER_TSAN
#include <pthread.h>
#include <threads.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

// glibc lays both kinds out alike: mtx_t holds a pthread_mutex_t, cnd_t a pthread_cond_t.
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));
static_assert(sizeof(thrd_t) == sizeof(pthread_t));

pthread_mutex_t* Mutex(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* Condition(cnd_t* cond) { return reinterpret_cast<pthread_cond_t*>(cond); }

int Result(int error_number) {
  switch (error_number) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

struct Start {
  thrd_start_t function;
  void* argument;
};

void* Run(void* opaque) {
  const std::unique_ptr<Start> start(static_cast<Start*>(opaque));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

}  // namespace

extern "C" {

// The library itself is not instrumented, so its atomic reference counts are not seen: the last
// owner's destroying looks like a race with the other owners' last use. Reports of that kind are
// dropped, also for our own code; what is used after it is freed, AddressSanitizer finds.
const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "race_top:free$\n"
         "race_top:pthread_rwlock_destroy$\n"
         "race_top:pthread_mutex_destroy$\n"
         "race_top:pthread_cond_destroy$\n";
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{.function = function, .argument = argument});
  const int error_number = pthread_create(thread, nullptr, Run, start.get());
  if (error_number == 0) (void)start.release();
  return Result(error_number);
}

int thrd_join(thrd_t thread, int* result) {
  void* returned = nullptr;
  const int error_number = pthread_join(thread, &returned);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return Result(error_number);
}

int thrd_detach(thrd_t thread) { return Result(pthread_detach(thread)); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) {
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  }
  const int error_number = pthread_mutex_init(Mutex(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return Result(error_number);
}

void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(Mutex(mutex)); }
int mtx_lock(mtx_t* mutex) { return Result(pthread_mutex_lock(Mutex(mutex))); }
int mtx_trylock(mtx_t* mutex) { return Result(pthread_mutex_trylock(Mutex(mutex))); }
int mtx_unlock(mtx_t* mutex) { return Result(pthread_mutex_unlock(Mutex(mutex))); }

int cnd_init(cnd_t* cond) { return Result(pthread_cond_init(Condition(cond), nullptr)); }
void cnd_destroy(cnd_t* cond) { pthread_cond_destroy(Condition(cond)); }
int cnd_signal(cnd_t* cond) { return Result(pthread_cond_signal(Condition(cond))); }
int cnd_broadcast(cnd_t* cond) { return Result(pthread_cond_broadcast(Condition(cond))); }

int cnd_wait(cnd_t* cond, mtx_t* mutex) {
  return Result(pthread_cond_wait(Condition(cond), Mutex(mutex)));
}

int cnd_timedwait(cnd_t* cond, mtx_t* mutex, const struct timespec* until) {
  return Result(pthread_cond_timedwait(Condition(cond), Mutex(mutex), until));
}

}  // extern "C"

#endif  // GROUNDHOG_UNDER_TSAN
