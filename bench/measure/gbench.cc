/* gbench.cc - the only C++ of the tool: registers cases, runs them, routes the output. */
#include "bench/measure/gbench.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace {

/* Marks the runs that leave no trace. */
const char kSkipped[] = "skipped";

std::unique_ptr<benchmark::BenchmarkReporter> MakeReporter(const char *format)
{
    if (!format)
        return nullptr;
    if (std::strcmp(format, "json") == 0)
        return std::make_unique<benchmark::JSONReporter>();
    if (std::strcmp(format, "csv") == 0) {
        /* Deprecated in google-benchmark, but still a flag there, so we accept it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
        return std::make_unique<benchmark::CSVReporter>();
#pragma GCC diagnostic pop
    }
    return std::make_unique<benchmark::ConsoleReporter>(
        benchmark::ConsoleReporter::OO_Tabular);
}

/* Sends every run to the display and to the file text, except those that were skipped. */
class Router : public benchmark::BenchmarkReporter {
public:
    Router(const gbench_options *options, const gbench_plan *plan, const gbench_loops *loops)
        : display_(MakeReporter(options->display_format)), file_(MakeReporter(options->file_format)),
          display_csv_(IsCsv(options->display_format)), file_csv_(IsCsv(options->file_format)),
          plan_(plan), loops_(loops)
    {
        for (size_t i = 0; loops && i < loops->count; i++)
            index_[loops->name(loops->ctx, i)] = i;
        if (file_)
            file_->SetOutputStream(&text_);
    }

    bool ReportContext(const Context &context) override
    {
        for (auto *reporter : Targets())
            reporter->ReportContext(context);
        return true;
    }

    void ReportRuns(const std::vector<Run> &all) override
    {
        std::vector<Run> runs;

        for (const Run &run : all) {
            if (run.error_message == kSkipped)
                continue;
            if (loops_) {
                const size_t index = index_.at(run.run_name.function_name);
                if (!loops_->valid(loops_->ctx, index))
                    continue;
                if (run.run_type == Run::RT_Iteration)
                    loops_->result(loops_->ctx, index,
                                   1e9 * run.real_accumulated_time /
                                       static_cast<double>(run.iterations));
            }
            runs.push_back(run);
        }
        if (runs.empty())
            return;
        if (display_)
            display_->ReportRuns(display_csv_ ? Completed(runs) : runs);
        if (file_)
            file_->ReportRuns(file_csv_ ? Completed(runs) : runs);
    }

    void Finalize() override
    {
        for (auto *reporter : Targets())
            reporter->Finalize();
    }

    std::string Text() const { return text_.str(); }
    bool HasText() const { return file_ != nullptr; }

private:
    static bool IsCsv(const char *format) { return format && std::strcmp(format, "csv") == 0; }

    /*
     * With every counter that a run may have.  The CSV reporter takes its columns from the first
     * run, and ends the process when a later one has another; the first may have no result.
     */
    std::vector<Run> Completed(std::vector<Run> runs) const
    {
        for (Run &run : runs)
            for (const char *const *name = plan_ ? plan_->counters : nullptr; name && *name; name++)
                run.counters.emplace(*name, benchmark::Counter(std::nan("")));
        return runs;
    }

    std::vector<benchmark::BenchmarkReporter *> Targets() const
    {
        std::vector<benchmark::BenchmarkReporter *> targets;

        if (display_)
            targets.push_back(display_.get());
        if (file_)
            targets.push_back(file_.get());
        return targets;
    }

    std::unique_ptr<benchmark::BenchmarkReporter> display_, file_;
    std::ostringstream text_;
    bool display_csv_, file_csv_;
    const gbench_plan *plan_;
    const gbench_loops *loops_;
    std::map<std::string, size_t> index_;
};

void RunCase(benchmark::State &state, const gbench_plan *plan, size_t index)
{
    for (auto _ : state) {
        gbench_sample sample{};

        plan->body(plan->ctx, index, &sample);
        if (sample.skipped || sample.error) {
            state.SkipWithError(sample.skipped ? kSkipped : sample.error);
            break;
        }
        state.SetIterationTime(sample.seconds);
        for (unsigned i = 0; i < sample.counters; i++)
            state.counters[sample.counter[i].name] = sample.counter[i].value;
    }
}

void RunLoop(benchmark::State &state, const gbench_loops *loops, size_t index)
{
    const gbench_go go = loops->begin(loops->ctx, index);

    if (go == GBENCH_SKIP) {
        state.SkipWithError(kSkipped);
        return;
    }
    const auto batch = static_cast<benchmark::IterationCount>(loops->batch);
    if (go == GBENCH_IDLE) {
        while (state.KeepRunningBatch(batch))
            ;
        return;
    }
    while (state.KeepRunningBatch(batch))
        loops->run(loops->ctx, index, loops->batch);
    loops->end(loops->ctx, index);
}

/* Where the threads of a case wait for each other, beside the library's own barrier. */
class Gate {
public:
    explicit Gate(unsigned threads) : threads_(threads) {}

    void Wait()
    {
        std::unique_lock<std::mutex> hold(mutex_);
        const unsigned turn = turn_;

        if (++waiting_ == threads_) {
            waiting_ = 0;
            turn_++;
            all_here_.notify_all();
        }
        all_here_.wait(hold, [&] { return turn_ != turn; });
    }

    bool begun = false;            /* written by thread 0 before a Wait() */
    std::atomic<unsigned> lame{0}; /* threads that could not enter */

private:
    std::mutex mutex_;
    std::condition_variable all_here_;
    unsigned threads_, waiting_ = 0, turn_ = 0;
};

void RunThreads(benchmark::State &state, const gbench_threads *plan, size_t index, Gate *gate)
{
    const auto me = static_cast<unsigned>(state.thread_index());

    if (me == 0) {
        gate->lame = 0;
        gate->begun = plan->begin(plan->ctx, index);
    }
    gate->Wait();
    const bool entered = gate->begun && plan->enter(plan->ctx, index, me);
    gate->lame += !entered;
    gate->Wait();
    if (gate->lame == 0) {
        const auto batch = static_cast<benchmark::IterationCount>(plan->batch);
        while (state.KeepRunningBatch(batch))
            plan->run(plan->ctx, index, me, plan->batch);
    } else {
        state.SkipWithError(kSkipped);
    }
    if (entered)
        plan->leave(plan->ctx, index, me);
    gate->Wait();
    if (me == 0 && gate->begun)
        plan->end(plan->ctx, index);
}

/* Passes on what the library makes of the threads' times. */
class ThreadsReporter : public benchmark::BenchmarkReporter {
public:
    explicit ThreadsReporter(const gbench_threads *plan) : plan_(plan)
    {
        for (size_t i = 0; i < plan->count; i++)
            index_[plan->name(plan->ctx, i)] = i;
    }

    bool ReportContext(const Context &) override { return true; }

    void ReportRuns(const std::vector<Run> &runs) override
    {
        for (const Run &run : runs)
            if (!run.error_occurred && run.run_type == Run::RT_Iteration)
                plan_->result(plan_->ctx, index_.at(run.run_name.function_name),
                              static_cast<double>(run.iterations) / run.real_accumulated_time);
    }

private:
    const gbench_threads *plan_;
    std::map<std::string, size_t> index_;
};

/* What the reporters wrote to standard output must have arrived there. */
int TakeText(const Router &router, char **text)
{
    if (!std::cout.flush())
        return -EIO;
    if (!router.HasText())
        return 0;
    *text = strdup(router.Text().c_str());
    return *text ? 0 : -ENOMEM;
}

} // namespace

extern "C" bool gbench_knows_format(const char *format)
{
    return std::strcmp(format, "json") == 0 || std::strcmp(format, "csv") == 0 ||
           std::strcmp(format, "console") == 0;
}

extern "C" int gbench_check_flags(gbench_options *options)
{
    benchmark::Initialize(&options->argc, options->argv);
    return benchmark::ReportUnrecognizedArguments(options->argc, options->argv) ? -EINVAL : 0;
}

extern "C" int gbench_run(const gbench_plan *plan, const gbench_options *options, char **text)
try {
    Router router(options, plan, nullptr);

    *text = nullptr;
    for (size_t i = 0; i < plan->count; i++)
        benchmark::RegisterBenchmark(
            plan->name(plan->ctx, i),
            [plan, i](benchmark::State &state) { RunCase(state, plan, i); })
            ->Iterations(1)
            ->Repetitions(1)
            ->UseManualTime();
    benchmark::RunSpecifiedBenchmarks(&router, "all");
    benchmark::Shutdown();
    return TakeText(router, text);
} catch (...) {
    return -ENOMEM; /* nothing here throws but allocation, and no exception may reach C */
}

extern "C" int gbench_run_threads(const gbench_threads *plan)
try {
    ThreadsReporter reporter(plan);
    Gate gate(plan->threads);

    for (size_t i = 0; i < plan->count; i++)
        benchmark::RegisterBenchmark(plan->name(plan->ctx, i),
                                     [plan, i, &gate](benchmark::State &state) {
                                         RunThreads(state, plan, i, &gate);
                                     })
            ->Threads(static_cast<int>(plan->threads))
            ->MinTime(plan->min_time_s)
            ->UseRealTime();
    benchmark::RunSpecifiedBenchmarks(&reporter, "all");
    benchmark::Shutdown();
    return 0;
} catch (...) {
    return -ENOMEM; /* as below */
}

extern "C" int gbench_run_loops(const gbench_loops *loops, const gbench_options *options,
                                char **text)
try {
    Router router(options, nullptr, loops);

    *text = nullptr;
    for (size_t i = 0; i < loops->count; i++)
        benchmark::RegisterBenchmark(loops->name(loops->ctx, i),
                                     [loops, i](benchmark::State &state) {
                                         RunLoop(state, loops, i);
                                     });
    benchmark::RunSpecifiedBenchmarks(&router);
    benchmark::Shutdown();
    return TakeText(router, text);
} catch (...) {
    return -ENOMEM; /* as above */
}
