// Formulas of queueing theory for the systems that the tests simulate, each with its source. Rates
// are per second, times in seconds.
//
// Kleinrock: Queueing Systems, Volume I: Theory (1975).
// Harchol-Balter: Performance Modeling and Design of Computer Systems (2013).
#ifndef GROUNDHOG_TESTS_THEORY_FORMULAS_H_
#define GROUNDHOG_TESTS_THEORY_FORMULAS_H_

namespace groundhog::theory {

// Erlang B: the share of arrivals that an M/G/c/c system turns away, whatever the distribution of
// the service time, when `offered` servers would be busy on average if there were enough. By its
// recursion over the servers. Kleinrock 3.7; Harchol-Balter 14.2.
double ErlangB(int servers, double offered);

// Erlang C: the share of arrivals to an M/M/c queue that must wait; offered < servers. Kleinrock
// 3.5; Harchol-Balter 14.3.
double ErlangC(int servers, double offered);

struct MarkovQueue {
  double arrival_rate = 0;
  double service_rate = 0;  // of one server
  int servers = 1;

  double utilisation() const { return arrival_rate / (servers * service_rate); }
};

// M/M/c, first come first served; utilisation below 1. P(wait > t) is Erlang C times
// e^(-(c mu - lambda) t). Kleinrock 3.2 and 3.5 for the numbers, 5.7 for the waiting time of
// M/M/1; Harchol-Balter 14.3.
double MeanWait(const MarkovQueue& queue);
double ProbabilityOfLongerWait(const MarkovQueue& queue, double seconds);

// M/M/1/K: one server, K places with that of the server; any utilisation. The share of arrivals
// that find it full, and the mean wait of the others. Kleinrock 3.6.
double ProbabilityFull(const MarkovQueue& queue, int places);
double MeanWaitOfAdmitted(const MarkovQueue& queue, int places);

// M/M/1 whose customers leave when they have waited `patience` seconds: the share that does. From
// the stationary density of the virtual wait, P(0) lambda e^(-(mu - lambda) x) up to the patience
// and falling as e^(-mu x) beyond. Barrer, "Queuing with Impatient Customers and Ordered Service",
// Operations Research 5 (1957).
double ProbabilityOfLeaving(const MarkovQueue& queue, double patience);

// G/M/1 fed with every k-th arrival of a Poisson process: the mean wait. sigma = A*(mu (1 -
// sigma)), where A* is the transform of the Erlang-k gap; wait sigma / (mu (1 - sigma)).
// Kleinrock 6.4. `queue.arrival_rate` is that of the queue itself.
double MeanWaitAtEveryKth(const MarkovQueue& queue, int k);

// Users who think for `think` seconds on average, whatever the distribution, and then wait for one
// server with exponential service times: M/M/1//N, the machine repair model. Kleinrock 3.8;
// the mean response by the response time law, Harchol-Balter 6.5.
struct ClosedLoop {
  double throughput = 0;
  double response = 0;  // wait and service
};
ClosedLoop MachineRepair(int users, double think, double service);

struct ServiceMoments {
  double mean = 0;
  double second = 0;  // E[S^2]
};

// Pollaczek and Khinchine: the mean wait of M/G/1, first come first served. Kleinrock 5.6;
// Harchol-Balter 23.
double PollaczekKhinchineWait(double arrival_rate, const ServiceMoments& service);

ServiceMoments ConstantMoments(double seconds);
// The moments of a lognormal distribution with this median and standard deviation of the logarithm.
ServiceMoments LognormalMoments(double median, double sigma);
// Of a mixture of exponential distributions: with probability `share` of mean `one`, otherwise
// `other`.
ServiceMoments HyperexponentialMoments(double share, double one, double other);
// Of docs/SCENARIO.md's distribution by quantiles p50, p95 and p99: its logarithm is linear in the
// normal quantile between them, and goes on beyond them.
ServiceMoments QuantileMoments(double p50, double p95, double p99);

// Attempts that a call makes on average when each fails with probability `failure`, independently,
// and `retries` more may follow the first: (1 - p^(n+1)) / (1 - p), a geometric series cut off.
// Beyer et al., Site Reliability Engineering (2016), chapter 22, describes the effect on a backend.
double AttemptsPerCall(double failure, int retries);

// Power of two choices: the share of many queues that hold `count` or more, and the mean time in
// the system of a customer, in service times, in the limit of ever more M/M/1 queues. Mitzenmacher,
// "The Power of Two Choices in Randomized Load Balancing", IEEE Transactions on Parallel and
// Distributed Systems 12 (2001), section 2, with d = 2.
double TwoChoicesTail(double utilisation, int count);
double TwoChoicesMeanTime(double utilisation);

}  // namespace groundhog::theory

#endif  // GROUNDHOG_TESTS_THEORY_FORMULAS_H_
