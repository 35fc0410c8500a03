import time
from collections import Counter
from tests.property import test_property as T, story as S, checks as C
from models import sql
spent=Counter(); n=Counter(); st=[0]
def wrap(mod,name,key=None):
    f=getattr(mod,name)
    async def g(*a,**k):
        t=time.perf_counter(); c=st[0]
        try: return await f(*a,**k)
        finally: spent[key or name]+=time.perf_counter()-t; n[key or name]+=1; n[(key or name)+" statements"]+=st[0]-c
    setattr(mod,name,g)
for m,x in [(S.Story,"begin"),(S.Story,"play"),(C,"_tiles_count_what_the_lists_list"),(C,"_listed"),(C,"_offers_are_kept"),(C,"_rows_stand_where_the_model_stands"),(C.doctor,"drift"),(C,"an_operation_tells_again_what_it_told"),(C,"the_record_is_complete")]: wrap(m,x)
r=sql._rendered
def rr(q): st[0]+=1; return r(q)
sql._rendered=rr
test_it=T.test_whatever_happens_tiles_seats_lists_and_outcomes_are_those_of_the_requirements
def test_z():
    for k,v in spent.most_common(): print(k, round(v,2), n[k], n[k+" statements"])
