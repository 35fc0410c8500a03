from collections import Counter
from tests.property import test_property as T, story as S
n=Counter()
b=S.Story.begin; p=S.Story.play; a=S._assert_honest
async def begin(self,*x): n["begin"]+=1; await b(self,*x); n["people"]+=len(self.people)
async def play(self,step): n[type(step).__name__]+=1; await p(self,step)
def honest(payload, ids, expected):
    n["ops"]+=1
    for s,c,*_ in expected: n[s if not c else c]+=1
    a(payload,ids,expected)
S.Story.begin=begin; S.Story.play=play; S._assert_honest=honest
test_it=T.test_whatever_happens_tiles_seats_lists_and_outcomes_are_those_of_the_requirements
def test_counts():
    print(n.most_common())
