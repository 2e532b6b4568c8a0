"""hourly_p95.py TRACE [SERVICE] [--png FILE]: the 95th percentile of a service's latencies, hour by
hour, and the incidents beside it: as text, or as a picture.

SERVICE is by default the target of the first incident. Needs groundhog-trace[arrow], and for a
picture groundhog-trace[plot].
"""
import argparse
import datetime

import numpy
import pyarrow.compute

import groundhog_trace

HOUR_NS = 3600 * 10**9


def hourly_p95(trace, service):
    """By hour from the start: the percentile in milliseconds; NaN for hours without records."""
    table = trace.read_arrow(["service", "time_ns", "latency_ms"]).read_all()
    table = table.filter(pyarrow.compute.field("service") == service)
    hours = table["time_ns"].to_numpy() // HOUR_NS
    latencies = table["latency_ms"].to_numpy()
    count = -(-trace.footer.end_time_ns // HOUR_NS)
    return [numpy.percentile(latencies[hours == hour], 95) if (hours == hour).any() else numpy.nan
            for hour in range(count)]


def print_text(trace, percentiles):
    for hour, value in enumerate(percentiles):
        start = trace.header.start + datetime.timedelta(hours=hour)
        bar = "" if numpy.isnan(value) else "#" * round(40 * value / numpy.nanmax(percentiles))
        incidents = [one.name for one in trace.footer.occurrences
                     if one.start_ns < (hour + 1) * HOUR_NS and one.end_ns > hour * HOUR_NS]
        print(f"{start:%H:%M} {value:9.1f} ms  {bar:40}  {', '.join(incidents)}".rstrip())


def draw(trace, percentiles, service, path):
    import matplotlib.figure
    figure = matplotlib.figure.Figure(figsize=(10, 4))
    axes = figure.subplots()
    axes.stairs(percentiles, range(len(percentiles) + 1))
    for one in trace.footer.occurrences:
        axes.axvspan(one.start_ns / HOUR_NS, one.end_ns / HOUR_NS, alpha=0.2)
        axes.text(one.start_ns / HOUR_NS, numpy.nanmax(percentiles), one.name, rotation=90,
                  va="top")
    axes.set(xlabel="hours from the start", ylabel="p95 latency, ms", title=service)
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trace")
    parser.add_argument("service", nargs="?")
    parser.add_argument("--png")
    arguments = parser.parse_args()
    with groundhog_trace.open(arguments.trace) as trace:
        if trace.footer is None or not trace.footer.occurrences:
            parser.error("the trace is incomplete, or has no incident")
        service = arguments.service or trace.footer.occurrences[0].fault.target
        percentiles = hourly_p95(trace, service)
        if arguments.png:
            draw(trace, percentiles, service, arguments.png)
        else:
            print_text(trace, percentiles)


if __name__ == "__main__":
    main()
